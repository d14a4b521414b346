-- Stores that were written before the gap ledger existed are looked through once.
ALTER TABLE series ADD COLUMN gaps_known INTEGER NOT NULL DEFAULT 0;
