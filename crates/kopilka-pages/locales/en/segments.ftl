way-segments = Segments
segments-about = Whom the program tells apart. Rules, discounts and accruals may be for one of these alone; who is in it is judged anew every time.
segments-empty = The program has no segments yet. They stand in its text under “segments”, each with its conditions.
segments-to-program = To the program
segments-all = All segments
segments-control = { $value } % of all members are set aside as a control group, to tell what the program itself brings.
segment-who = Who is in it
segment-accrue = Give points
segment-how-many = How many they are
segment-count-hint = Nobody keeps this number: whether a member is in it may change with every day. Counting asks about ten thousand members at a time.
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
segment-contact = Phone, address or card
segment-available = Can be spent
