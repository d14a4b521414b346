/** How a session starts: remembered from the last one. */
import { record, stored } from "../../../ui/storage/stored";
import { type PaperSetup, STANDARD_SETUP } from "./model";

const MOST_CASH = 1e12;
const MOST_FEE = 10;

export const paperSetup = stored<PaperSetup>("paper-setup", () => STANDARD_SETUP, readSetup);

function readSetup(value: unknown): PaperSetup | undefined {
  const { cash, feePercent } = record(value) ?? {};
  const usable = typeof cash === "number" && cash > 0 && cash <= MOST_CASH;
  const fee = typeof feePercent === "number" && feePercent >= 0 && feePercent <= MOST_FEE;
  return usable && fee ? { cash, feePercent } : undefined;
}
