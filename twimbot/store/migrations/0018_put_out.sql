-- Whose event it was: what somebody has said is deleted with them when they are put out of a room for it (MSC4293). Of
-- those of before nobody knows.
ALTER TABLE pong ADD COLUMN sender TEXT;
ALTER TABLE failed_event ADD COLUMN sender TEXT;
