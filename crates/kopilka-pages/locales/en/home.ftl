home-no-program = No program is published yet
home-no-program-hint = Publish one of the examples and change it to your own: the rules, the figures and the words are yours.
