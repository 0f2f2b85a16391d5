-- Whose phone or e-mail a code is to change: a code that was told for anything else changes none. Codes of a
-- member who leaves are found by whom they were for.

ALTER TABLE one_time_code ADD COLUMN subject_id INTEGER;
CREATE INDEX one_time_code_by_owner ON one_time_code (program_id, owner_id);
CREATE INDEX one_time_code_by_subject ON one_time_code (program_id, subject_id);
