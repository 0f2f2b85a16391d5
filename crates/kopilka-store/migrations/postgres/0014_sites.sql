-- Sites that a person says are theirs. Those that were shown to be are names of the directory too.

ALTER TABLE person ADD COLUMN sites TEXT;
