team-about = Who works here and what each may do.
team-role = Role
team-since = Since
team-me = you
team-out = out
team-no-code = no code at sign-in
team-new-link = New link
team-disable = Take out
team-enable = Take back
team-invite = Invite somebody
team-invite-hint = You get a link to hand over. It works once, for three days.
team-invite-button = Make a link
team-everywhere = In every program of this installation, including future ones
team-no-program = Tick “in every program”: there is no program yet in which the role could be.
team-link = A link for { $value }
team-link-hint = Put your server’s address before it and hand it over; it is shown only now and works until { $value }.
team-wrong = Login, password or code is wrong.
team-wait = { $n ->
    [one] Too many wrong tries. Wait a minute.
   *[other] Too many wrong tries. Wait { $shown } minutes.
}
team-invitation-unknown = The link was used already, is too old, or is not whole. Ask for a new one.
team-login-taken = Somebody has this login already. Choose another.
team-login-invalid = A login is an e-mail, or 3 to 100 letters, digits, dots, hyphens.
team-password-short = { $n ->
    [one] The password is too short: { $shown } character at least.
   *[other] The password is too short: { $shown } characters at least.
}
team-password-long = { $n ->
    [one] The password is too long: { $shown } character at most.
   *[other] The password is too long: { $shown } characters at most.
}
team-password-common = This password is among the first that are tried. Choose another.
team-code-wrong = The code is wrong or was used already. Wait for the next one.
team-operator-unknown = There is no such person in the team.
team-last-owner = This is the last owner. Make somebody else an owner first.
team-not-allowed = Only owners change the team.
team-totp-off = No code is set up.
team-totp-on = A code is set up already.
audit-about = What was done on these pages. Points and who moved them stand in each member’s journal.
audit-who = Who
audit-what = What
audit-end = Outcome
audit-done = done
audit-open = not finished
audit-empty = Nothing was done here yet.
act-admin-account-password = changed the own password
act-admin-account-code = changed the own sign-in code
act-admin-account-sessions = ended an own session
act-admin-team-invite = invited somebody
act-admin-team-change = changed somebody in the team
act-admin-sign-in = signed in
team-links = Links that wait
team-links-about = Whoever has such a link may follow it until it ends. What stands in it was shown once.
team-link-for = What it is for
team-link-by = Made by
team-link-until = Until
team-link-password = a new password
team-withdraw = Withdraw
