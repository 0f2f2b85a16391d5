way-segments = Segments
segments-about = Groups of members. Rules, discounts and accruals may be for one of these alone; who is in it is checked every time.
segments-empty = The program has no segments yet. They stand in its text under “segments”, each with its conditions.
segments-to-program = To the program
segments-all = All segments
segments-control = { $value } % of all members are set aside as a control group, to tell what the program itself brings.
segment-who = Who is in it
segment-accrue = Give points
segment-how-many = How many members
segment-count-hint = This number is not stored: membership can change any day. Up to ten thousand members are checked at a time.
segment-count = Count
segment-count-on = Count on
segment-members = { $n ->
    [one] { $shown } member
   *[other] { $shown } members
}
segment-counted = { $members } of all { $value }.
segment-counted-part = { $members } among the first { $value }; there are more to be asked about.
segment-looked = { $n ->
    [one] { $shown } member was looked at for this page.
   *[other] { $shown } members were looked at for this page.
}
segment-nobody = Nobody of those who were looked at is in it.
segment-contact = Phone, e-mail or card
segment-available = Available
