-- The words of people's names in lower case, by which they are found. They are the person's: written with the
-- person's row and gone with it. The program fills them for people who are there already.

CREATE TABLE person_word (
    member_id     BIGINT  NOT NULL,
    word          TEXT    COLLATE "C" NOT NULL,
    program_id    BIGINT  NOT NULL,
    PRIMARY KEY (member_id, word)
);
CREATE INDEX person_word_first ON person_word (program_id, word, member_id);

-- The newest people of a program.
CREATE INDEX person_newest ON person (program_id, member_id);
