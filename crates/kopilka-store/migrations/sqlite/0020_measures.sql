-- Sums by day of each program, filled from the journal, and reports that were counted over all purchases.

CREATE TABLE r_day (
    program_id    INTEGER NOT NULL,
    day           INTEGER NOT NULL,
    what          TEXT    NOT NULL,
    value         INTEGER NOT NULL,
    PRIMARY KEY (program_id, day, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE r_report (
    program_id    INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    as_of         INTEGER NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (program_id, name)
) STRICT, WITHOUT ROWID;
