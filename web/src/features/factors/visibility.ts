import { record, stored } from "../../ui/storage/stored";
import { NOTHING_CHOSEN, type Visibility } from "./tree";

/** Visibility of factors on this device. */
export const visibility = stored<Visibility>(
  "factors",
  () => NOTHING_CHOSEN,
  (value) => {
    const given = record(value);
    const features = record(given?.features);
    if (!given || !features || !Array.isArray(given.off)) return undefined;
    return {
      features: Object.fromEntries(Object.entries(features).filter(([, on]) => typeof on === "boolean")) as Record<
        string,
        boolean
      >,
      off: given.off.filter((entry) => typeof entry === "string"),
    };
  },
);
