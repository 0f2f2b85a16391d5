program-to-month = Try on last month
long-work-goes-on = This page looks again by itself. The work goes on if you leave.
beside-heading = What would it have done
beside-about = The shop's own orders of late, decided once more by the engine: by the rules in force, and by those you try. Nothing is kept and nobody is told.
beside-what = Rules to try
beside-draft = the draft
beside-version = version { $value }
beside-in-force = in force, version { $value }
beside-days = Orders of the last
beside-days-n = { $n ->
    [one] { $shown } day
   *[other] { $shown } days
}
beside-button = Replay
beside-nothing = There is no draft and no other version: nothing to set beside the rules in force. Change something first.
beside-no-draft = Nothing is changed, so there is no draft to try.
beside-choose = Choose what to try: the draft or a version.
beside-has-errors = These rules have errors, so no order can be decided by them. Mend them first.
beside-other-units = These rules have another currency or other points than the rules in force, so their figures cannot be compared.
beside-running = { $n ->
    [one] { $shown } order is replayed.
   *[other] { $shown } orders are replayed.
}
beside-outcome = What came out
beside-replayed = { $orders } of { $members }, { $from } to { $to }.
beside-orders-n = { $n ->
    [one] { $shown } order
   *[other] { $shown } orders
}
beside-members-n = { $n ->
    [one] { $shown } member
   *[other] { $shown } members
}
beside-old = The rules have been changed since: replay again for what holds now.
beside-cut = There were more orders than one comparison takes: the newest { $most } were taken, of one member { $each } at most.
beside-difference = Difference
beside-given = Points given
beside-worth = What they pay when spent
beside-discounts = Discounts
beside-cost = Points and discounts together
beside-spent = Points spent
beside-pays = Buyers pay
beside-refused = Orders refused
beside-refused-now = refused by the rules you try: { $value }
beside-refused-before = refused by the rules in force: { $value }
beside-rules = Rules
beside-rules-about = How often each acted, and what it gave. A rule that multiplies acts through the others: its points stand with theirs.
beside-reductions = Discounts and coupons
beside-times = times
beside-gave = gave
beside-took = took off
beside-new = new
beside-gone = gone
beside-own-points = Points that articles have of their own
beside-changes = Orders that come out differently
beside-changed-n = { $n ->
    [0] No order comes out differently.
    [one] { $shown } order comes out differently.
   *[other] { $shown } orders come out differently; the largest changes come first.
}
beside-granted = What is taken for granted
beside-granted-orders = Orders of members as they stand now: what came back is not in them, orders of guests are not among them.
beside-granted-spent = Each order takes as many points as it really took, where the rules allow so many.
beside-granted-members = Levels are those of the first order, marks those of today. Points of friends and of registration are not replayed, nor are gift cards.
beside-granted-limits = Limits for all members together bound each member alone here, and count from the first day of the span.
beside-granted-behaviour = People buy what they bought: rules do not change that here.
