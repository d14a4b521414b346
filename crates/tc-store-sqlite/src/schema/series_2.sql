-- Feature rows are made from events when they are read; the head says up to where that is allowed.
ALTER TABLE series ADD COLUMN feature_head INTEGER;
