program-to-month = Try on last month
long-work-goes-on = This page looks again by itself. The work goes on if you leave.
beside-heading = Try on last month
beside-about = Your recent orders are recalculated under the rules you choose and compared with the rules in force. Nothing is kept and nobody is told.
beside-what = Rules to try
beside-draft = the draft
beside-version = version { $value }
beside-in-force = in force, version { $value }
beside-days = Orders of the last
beside-days-n = { $n ->
    [one] { $shown } day
   *[other] { $shown } days
}
beside-button = Calculate
beside-awaits = What comes out will stand here: how many points each set of rules gives, what both cost, which rules act, and which orders come out differently.
beside-nothing = There is no draft and no other version: nothing to set beside the rules in force. Change something first.
beside-no-draft = Nothing is changed, so there is no draft to try.
beside-choose = Choose what to try: the draft or a version.
beside-has-errors = These rules have errors, so no order can be decided by them. Mend them first.
beside-other-units = These rules have another currency or other points than the rules in force, so their figures cannot be compared.
beside-running = { $n ->
    [one] { $shown } order is calculated.
   *[other] { $shown } orders are calculated.
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
beside-old = The rules have been changed since: calculate again for what holds now.
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
beside-own-points = Points that products have of their own
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
way-economics = Economics
economics-about = What a program will cost, before it costs anything: its rules are applied to an order history from a file, with returns and dates.
economics-upload = Upload a history
economics-another = Upload another history
economics-upload-about = A table with a header row: who bought, when, and for how much; with order numbers and SKUs the answer is more accurate. Only you can see it, it is deleted within half an hour, and neither members nor orders of the program change.
economics-awaits = What comes out will stand here: points given and spent, what the program costs, what it owes, and a table of months. Upload a history and calculate.
economics-file = File
economics-file-hint = CSV, plain or gzip, up to 100 MB and two million rows. Rows without a customer are counted and left out.
economics-send = Upload
economics-history = The history
economics-lies = { $name }, { $size } KB. It is removed by itself in { $minutes } min.
economics-forget = Remove it now
notice-history-forgotten = The history and what came of it are removed.
act-admin-economics-upload = uploaded an order history for a replay
act-admin-economics-forget = removed an uploaded order history
economics-columns = What is in which column
economics-columns-about = Guessed from the header row. The customer, the time and one of the two sums are needed.
economics-known = This history is known; read it as it is described:
economics-column-customer = Customer
economics-column-time = Time
economics-column-order = Order number
economics-column-price = Price of a piece
economics-column-amount = Sum of the row
economics-column-quantity = Pieces
economics-column-sku = SKU
economics-column-category = Category
economics-column-brand = Brand
economics-column-none = not there
economics-zone = Time zone of the history
economics-zone-hint = As in Europe/Moscow.
economics-returns = Returns are
economics-returns-negative = rows with less than nothing
economics-returns-prefix = orders whose number begins with
economics-returns-none = not there
economics-prefix = Beginning of a return's number
economics-how = How to replay
economics-first = Rules
economics-second = Beside them
economics-alone = nothing
economics-spend = Points are spent
economics-spend-max = as many as possible, at every order
economics-spend-half = half of what may be
economics-spend-never = never
economics-welcome = Points of registration come with the first order
economics-button = Replay
economics-running = The history is replayed.
economics-no-customer = Say which column has the customer: orders of nobody earn nothing.
economics-no-time = Say which column has the time of the order.
economics-no-money = Say which column has the price of a piece, or the sum of the row.
economics-two-moneys = Choose one of the two: the price of a piece, or the sum of the row.
economics-no-zone = There is no such time zone. Write it as in Europe/Moscow.
economics-no-prefix = Say with what the number of a return begins.
economics-prefix-without-order = Returns are told by their numbers, and no column has the order number.
economics-no-table = This is not a table with a header row: the first row needs names of at least two columns, with a comma, a semicolon or a tab between them.
economics-gone = The history is no longer here: half an hour is over, or another server answers. Upload it again.
economics-choose = Choose which rules to replay.
economics-died = The replay came to no end. What happened is in the server's log; upload the history again.
economics-too-many-rows = { $n ->
    [one] The history has more than { $shown } row. Cut it, or use `kopilka replay` on the server.
   *[other] The history has more than { $shown } rows. Cut it, or use `kopilka replay` on the server.
}
economics-unreadable = The history cannot be read. { $value }. The header is row 1.
economics-report = What came out
economics-about-report = { $name }, { $from } to { $to }: { $members } members, { $orders } orders. Sums are in { $currency }.
economics-violation = The books of a member do not agree, which is a fault of Kopilka:
economics-cost-share = Paid by points, of sales, %
economics-most-share = With all that is still owed, %
economics-sales = Sales
economics-by-points = Paid by points
economics-liability = Owed at the end
economics-net = Money kept
economics-issued = Points given
economics-spent = Points spent
economics-come-back = Come back with returns
economics-expired = Burnt
economics-revoked = Taken back
economics-outstanding = Points left
economics-redemption = Spent of given, %
economics-breakage = Burnt of given, %
economics-orders = Orders
economics-spenders = Members who spent
economics-by-month = Month by month
economics-charged = Sales before points
economics-rows-heading = Rows of the file
economics-rows = Rows
economics-rows-orders = Of orders
economics-rows-returns = Of returns
economics-rows-nobody = Without a customer
economics-rows-other = Other documents
economics-reasons-about = Every row that was not used, or not as plain goods. A row can have several reasons.
economics-reason = Reason
economics-used = Used
economics-used-no = no
economics-used-in-part = in part
economics-used-otherwise = yes
economics-amount = Sum
economics-busy = A replay that you no longer wanted is still running. Try again when it is over.
