-- Sums by day of each program, filled from the journal, and reports that were counted over all purchases.

CREATE TABLE r_day (
    program_id    BIGINT NOT NULL,
    day           BIGINT NOT NULL,
    what          TEXT    NOT NULL,
    value         BIGINT NOT NULL,
    PRIMARY KEY (program_id, day, what)
);
CREATE TABLE r_report (
    program_id    BIGINT NOT NULL,
    name          TEXT    NOT NULL,
    as_of         BIGINT NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (program_id, name)
);
