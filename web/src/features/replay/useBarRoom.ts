import { type RefObject, useLayoutEffect, useState } from "react";
import { type BarRoom, roomOf } from "./room";

/** What the bar has room for, as its width and the size of its buttons change. */
export function useBarRoom(bar: RefObject<HTMLElement | null>): BarRoom {
  const [room, setRoom] = useState(() => roomOf(0, 0));
  useLayoutEffect(() => {
    const node = bar.current;
    const button = node?.querySelector("button");
    if (!node || !button) return;
    // Buttons are as wide as high, unless they share too small a width.
    const measure = () => {
      const next = roomOf(node.clientWidth, button.offsetHeight);
      setRoom((before) => (sameRoom(before, next) ? before : next));
    };
    measure();
    const sized = new ResizeObserver(measure);
    sized.observe(node);
    sized.observe(button);
    return () => sized.disconnect();
  }, [bar]);
  return room;
}

function sameRoom(one: BarRoom, other: BarRoom): boolean {
  return (Object.keys(one) as (keyof BarRoom)[]).every((part) => one[part] === other[part]);
}
