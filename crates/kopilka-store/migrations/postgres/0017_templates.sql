-- What members are told of by themselves, how far the journal has been read for it, and a shop's own words.

CREATE TABLE messaging (
    program_id    BIGINT  NOT NULL,
    settings      TEXT    NOT NULL,
    reached       BIGINT  NOT NULL,
    warned_on     TEXT    NOT NULL,
    changed_at    BIGINT  NOT NULL,
    PRIMARY KEY (program_id)
) WITH (fillfactor = 50);

CREATE TABLE template (
    program_id    BIGINT  NOT NULL,
    event         TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    html          TEXT,
    changed_at    BIGINT  NOT NULL,
    PRIMARY KEY (program_id, event, channel, language)
) WITH (fillfactor = 50);
