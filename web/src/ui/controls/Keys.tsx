import { type Chord, caps } from "../commands/chord";

/** A chord as printed key caps. */
export function Keys({ chord }: { chord: Chord }) {
  return (
    <span className="inline-flex shrink-0 gap-0.5">
      {caps(chord).map((cap) => (
        <kbd
          key={cap}
          className="rounded-control border border-line bg-bg-2 px-1.5 font-sans text-11 leading-[18px] text-text-2"
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}
