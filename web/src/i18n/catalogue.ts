import type { en } from "./en";
import type { ArgumentsOf, Value } from "./message";

/** Every text of the product has one of these keys. */
export type MessageKey = keyof typeof en;

/** One language. A missing key is a type error, and so fails the build. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

/** Keys whose text asks for no arguments. */
export type PlainKey = { [K in MessageKey]: [ArgumentsOf<(typeof en)[K]>] extends [never] ? K : never }[MessageKey];

type Values<K extends MessageKey> = Readonly<Record<ArgumentsOf<(typeof en)[K]>, Value>>;

/** Text by key; arguments are checked against the English text. */
export type Translate = <K extends MessageKey>(
  key: K,
  ...values: [ArgumentsOf<(typeof en)[K]>] extends [never] ? [] : [values: Values<K>]
) => string;
