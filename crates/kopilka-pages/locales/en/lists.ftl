look-again = Look again
segment = Segment
sheet-file = File
sheet-line = Line
sheet-why = What is wrong
sheet-cells = The row
sheet-no-heading = The file has no header row: its first line must name the columns.
sheet-column-unknown = No column is called “{ $value }”.
sheet-field-unknown = “{ $value }” is nothing a column can hold.
sheet-column-missing = No column holds this: { $value }. Choose one.
sheet-no-identifier = No column tells one member from another: there must be an own id, a card, a phone or an e-mail.
sheet-too-long = { $n ->
    [one] The list has more than { $shown } member. Split it.
   *[other] The list has more than { $shown } members. Split it.
}
sheet-utf16 = The file is in UTF-16. Save it as CSV in UTF-8 or Windows-1251.
sheet-unreadable = The file cannot be read: { $value }
