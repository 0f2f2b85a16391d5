way-messages = Messages
messages-about = What your members are told, by which channel and in whose words.
messages-to-log = Message log
messages-to-settings = Settings
messages-to-senders = Set up a channel
messages-no-senders = No messages are going out: no channel is set up. Add a mail server, an SMS gateway or a bot.
messages-unheard = Rules send these messages, and nobody would get them: they have no words or no channel.
messages-event = About what
messages-on = on
messages-off = off
messages-no-sender = no sender
messages-builtin = default text
messages-own = custom text
messages-missing = no text yet
messages-not-told = not sent
messages-asked-for = when asked for
messages-legend = Off: nobody chose this channel for the event; the settings turn it on. Default text: ours; open it to write your own.
messages-all = All messages
messages-test = Send yourself a test
messages-test-about = The words that are saved, with made-up figures, sent now and once.
messages-test-to = E-mail, phone or chat
messages-test-send = Send the test
messages-test-sent = Sent to { $value }.
messages-test-refused = It was not taken: { $value }.
messages-test-address = This is no address of the channel: e-mail needs an address, SMS a phone, Telegram the number of a chat.
told-points-accrued = Points were given
told-points-expiring = Points expire soon
told-points-burnt = Points have expired
told-birthday-gift = Birthday gift
told-tier-changed = Another level
told-coupon-given = A coupon was given
told-order-paid = An order is paid
told-order-returned = A return is booked
told-one-time-code = One-time code
told-test = Test message
told-own = Message of a rule
by-email = E-mail
by-sms = SMS
by-telegram = Telegram
language-en = English
language-ru = Russian
class-service = service
class-marketing = marketing, with consent
template-words = Text
template-about = Put values in double braces; they are filled in with their units.
template-subject = Subject
template-text = Message text
template-html = Letter as HTML
template-html-hint = Left empty, the letter goes as text alone.
template-short = At most { $n ->
    [one] { $shown } character
   *[other] { $shown } characters
}; each part is billed.
template-save = Save my text
template-preview = Preview
template-to-builtin = Back to the default text
template-builtin-ask = Your words will be gone, and ours stand again. Go back?
template-delete = Delete these words
template-delete-ask = Without words this message is not sent. Delete them?
template-not-kept = Not saved: the words do not come together. What is wrong stands at its field.
template-preview-of = How it will look
template-sample = With made-up figures. Pictures from other sites are not loaded here.
template-letter = The letter
template-as-text = As text
template-blank = There is nothing to show yet.
template-in = It does not come together:
template-part-of = { $value ->
    [subject] in the subject.
    [html] in the HTML.
   *[other] in the text.
}
template-line = Line { $value }
template-undefined = there is no such value
template-syntax = this cannot be read as a template
template-unknown = the template asks for something that is not there
template-long = it is too long
template-steps = it takes too many steps
template-nothing = it says nothing
template-letters = only letters have this
template-bad = it cannot be put together
template-signs = { $n ->
    [one] { $shown } character
   *[other] { $shown } characters
}
template-parts = { $n ->
    [one] { $shown } part
   *[other] { $shown } parts
}
template-values = Available values
template-values-about = Names of this message’s values, and what they are in the sample.
template-value = As you write it
template-value-sample = In the sample
notice-builtin = Your words are gone.
log-title = Message log
log-about = Each message, what became of it, and why something was not sent. Words and addresses are not kept.
log-state = State
log-channel = Channel
log-any = any
log-any-channel = any
log-show = Show
log-everything = Show everything
log-of-member = Only messages to
log-none = No message is like that.
log-empty = Nothing was sent yet. Choose in the settings what members are told.
log-member = Member
log-only = all their messages
log-nobody = nobody’s address
log-why = Why
log-tries = Tries
log-kept = Finished messages are kept for 30 days.
message-waiting = waiting
message-sent = sent
message-failed = failed
message-dropped = not sent
message-quiet = Quiet hours: it goes on { $value }.
message-again = The next try is on { $value }.
message-why-too-late = Nobody wants it any more: its time was over.
message-why-no-address = The member has no address of this channel.
message-why-no-sender = The channel is no longer set up.
message-why-erased = The person was erased.
message-why-no-consent = No consent for marketing by this channel.
message-why-cap = The member has got as much marketing as is allowed.
message-why-no-base-url = The settings have no address for unsubscribing.
message-why-no-template = There are no words for it.
message-why-nothing-burns = Nothing burns any more.
message-why-entry-unknown = What it was about is not there any more.
message-why-gateway-refused = The gateway did not take it.
act-admin-messages = changed the words of a message
act-admin-messages-test = sent a test of a message
