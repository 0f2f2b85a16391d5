way-referral = Friends
referral-about = What members get for bringing friends, who each of them has brought, and from which sites friends come.
referral-to-program = To the rules
referral-empty = The program gives nothing for friends yet. Add a rule with the event “a friend has bought”, or coupons whose owners bring friends.
referral-gives = What is given
referral-campaign = Who orders with such a code is brought by its owner.
referral-within-minutes = A visit by a link counts for { $n ->
    [one] { $shown } minute
   *[other] { $shown } minutes
}.
referral-within-hours = A visit by a link counts for { $n ->
    [one] { $shown } hour
   *[other] { $shown } hours
}.
referral-within-days = A visit by a link counts for { $n ->
    [one] { $shown } day
   *[other] { $shown } days
}.
referral-within-months = A visit by a link counts for { $n ->
    [one] { $shown } month
   *[other] { $shown } months
}.
referral-touch-first = Of several links the first one counts.
referral-touch-last = Of several links the last one counts.
referral-back-own = A return takes back whatever is left of the points the order earned.
referral-back-debt = A return takes back all that it brought, as a debt if need be.
referral-back-off = A return takes nothing back.
referral-network = One member’s friends
referral-find = Phone, card, e-mail or member number
referral-not-found = Nobody is found by that.
referral-several = Several are found by that: choose one by the member’s number.
referral-to-card = All friends on the member’s card
referral-nobody = Nobody was brought yet.
sites-title = Sites
sites-about = Visitors from a confirmed site count as brought by the member.
sites-empty = No site yet. Add one below; then show that it is the member’s.
sites-unconfirmed = not confirmed yet
sites-place = Put one of these on the site, then have it checked.
sites-content = in it this alone
sites-check-file = Check the file now
sites-check-meta = Check the tag now
sites-remove = Remove
sites-remove-ask = Visitors from there will be brought by nobody. Remove the site?
sites-new = New site
sites-claim = Add
site-by-file = a file
site-by-meta = a tag of the first page
site-confirmed = confirmed on { $at }: { $by }
notice-site-claimed = The site is added. It counts once it is confirmed.
notice-site-removed = The site is removed.
notice-site-confirmed = The site is confirmed.
act-admin-referral-sites = changed a member’s sites
sites-check-dns = Check the record now
site-by-dns = a text record (TXT) of the name
