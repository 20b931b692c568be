-- Where entries were moved from, and who exported an edition last, is found at once, however long the bot has run.
CREATE INDEX move_by_edition ON move (from_edition, from_number);
CREATE INDEX move_by_entry ON move (entry_id);
CREATE INDEX export_job_by_edition ON export_job (publication, edition, at, event_id);
