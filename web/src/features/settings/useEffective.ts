import { useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";
import { isLoaded, loadLocale, onLoaded } from "../../i18n/locale";
import { useStored } from "../../ui/storage/useStored";
import { type Device, deviceNow, type Effective, effective, preferences } from "./preferences";

let device: Device | undefined;

/** The device as it is now; the same object as long as nothing changed. */
function snapshot(): Device {
  const next = deviceNow();
  const same = device && (Object.keys(next) as (keyof Device)[]).every((key) => next[key] === device?.[key]);
  if (!same) device = next;
  return device as Device;
}

function subscribe(onChange: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", onChange);
  addEventListener("resize", onChange);
  addEventListener("languagechange", onChange);
  return () => {
    dark.removeEventListener("change", onChange);
    removeEventListener("resize", onChange);
    removeEventListener("languagechange", onChange);
  };
}

/** The preferences with everything resolved, kept up to date. */
export function useEffective(): Effective {
  const chosen = useStored(preferences, (state) => state);
  const now = useSyncExternalStore(subscribe, snapshot);
  return useLoadedLanguage(useMemo(() => effective(chosen, now), [chosen, now]));
}

/** The language on the page stays until the texts of the chosen one are here. */
function useLoadedLanguage(choice: Effective): Effective {
  const { locale: wanted } = choice;
  const ready = useSyncExternalStore(onLoaded, () => isLoaded(wanted));
  const [shown, setShown] = useState(() => (ready ? wanted : "en"));
  if (ready && shown !== wanted) setShown(wanted);
  useEffect(() => {
    if (!ready) void loadLocale(wanted).catch(() => undefined);
  }, [ready, wanted]);
  return useMemo(() => ({ ...choice, locale: shown }), [choice, shown]);
}

/** Writes the choices to the root element, where the style sheet and the tests read them. */
export function useRootAttributes(choice: Effective): void {
  useLayoutEffect(() => writeRoot(document.documentElement, choice), [choice]);
}

export function writeRoot(root: HTMLElement, choice: Effective): void {
  root.lang = choice.locale;
  root.dataset.theme = choice.theme;
  root.dataset.locale = choice.locale;
  root.dataset.direction = choice.direction;
  root.dataset.palette = choice.palette;
  root.dataset.density = choice.density;
  const bg = getComputedStyle(root).getPropertyValue("--bg-0").trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", bg);
}
