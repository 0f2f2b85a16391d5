way-reports = Reports
report-activity = Activity
report-activity-about = Who buys, how often and for how much, by month. A purchase is what remains of a paid order of a member. Anyone who buys twice in their first month counts in both “For the first time” and “Not for the first time”.
report-activity-plot = Members who bought
report-points = Points
report-points-about = Where points came from and where they went, by month. Net of returns.
report-liability = Liability
report-liability-about = Points outstanding, by month of expiry.
report-liability-plot = Points by month of expiry
report-cohorts = Cohorts
report-cohorts-about = Of those who first bought in a month: the share that bought again in each month since.
report-customers = Customers
report-customers-about = How recently and how often members bought, and how much they spent.
report-month = Month
report-buyers = Customers
report-new = For the first time
report-repeat = Not for the first time
report-repeat-share = Repeat share
report-orders = Orders
report-frequency = Orders each
report-money = Turnover
report-average = Average order
report-issued = Given
report-spent = Spent
report-burnt = Burnt
report-revoked = Taken back
report-redemption = Spent, %
report-breakage = Burnt, %
report-with-points = Orders paid with points
report-registered = New members
report-ends = Ends
report-owed = Points
report-worth = Worth
report-share = Share
report-never = Never
report-first = First bought
report-lately = Last purchase
report-often = Purchases
report-each = Turnover each
report-counted = Counted: { $value }.
report-not-counted = Not counted yet.
report-count = Recalculate
report-empty = There is nothing to count yet: members have not bought anything.
notice-counted = Counted.
act-admin-reports-count = counted the reports anew
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
report-after = { $n ->
    [one] after { $shown } month
   *[other] after { $shown }
}
report-between = { $from }–{ $to } days ago
report-within = { $n ->
    [one] within { $shown } day
   *[other] within { $shown } days
}
report-longer = { $n ->
    [one] more than { $shown } day ago
   *[other] more than { $shown } days ago
}
report-more = { $n ->
   *[other] more than { $shown }
}
report-total = Total
