// Zones, anchors and levels over the pens of the synthetic market: plausible, not those of the engine.

/** Instruction id and definition of everything that is drawn. */
export function structureItems(pens, candles) {
  const { dead, alive, switches, anchor, levels } = structure(pens, candles);
  const items = [];
  const line = (id, feature, points, rest = {}) =>
    items.push([id, { type: "polyline", feature, points, color: "#f59e0b", lineWidth: 2, ...rest }]);
  const zone = (stem, feature, { start_time, end_time, zg, zd, entry_direction: entryDirection }) => {
    for (const [edge, value] of [
      ["top", zg],
      ["bottom", zd],
    ]) {
      const points = [start_time, end_time].map((time) => ({ time, value }));
      line(`${stem}:${edge}`, feature, points, { entryDirection });
    }
  };
  for (const one of dead) {
    const { start_time, end_time, zg, zd } = one;
    zone(`zhongshu.dead:${start_time}:${end_time}:${zg.toFixed(6)}:${zd.toFixed(6)}`, "zhongshu.dead", one);
  }
  if (alive) zone("zhongshu.alive", "zhongshu.alive", alive);
  const penOf = (ref) => pens.find((pen) => pen.start_time === ref.start_time);
  const pointsOf = (ref) => {
    const pen = penOf(ref);
    return [
      { time: pen.start_time, value: pen.start_price },
      { time: pen.end_time, value: pen.end_price },
    ];
  };
  if (anchor) line("anchor.current", "anchor.current", pointsOf(anchor));
  for (const { switch_time, new_anchor: ref, reason } of switches) {
    const { start_time, end_time, direction } = ref;
    const up = direction > 0;
    items.push([
      `anchor.switch:${switch_time}:${direction}:${reason}`,
      {
        type: "marker",
        feature: "anchor.switch",
        time: switch_time,
        position: up ? "belowBar" : "aboveBar",
        color: "#f59e0b",
        shape: up ? "arrowUp" : "arrowDown",
        text: "A",
        size: 1,
      },
    ]);
    if (start_time === anchor.start_time) continue;
    const id = `anchor.history:${switch_time}:${start_time}:${end_time}:${direction}`;
    line(id, "anchor.history", pointsOf(ref), { color: "rgba(59,130,246,0.55)", lineWidth: 1 });
  }
  const to = candles.at(-1)?.candle_time;
  for (const { level_type: side, price, first_time, status, death_time } of levels) {
    const feature = status === "broken" ? "sr.broken" : "sr.active";
    const points = [first_time, death_time ?? to].map((time) => ({ time, value: price }));
    line(`${feature}:${side}:${price.toFixed(8)}:${first_time}`, feature, points);
  }
  return items;
}

/** The slices of the same things, by factor. */
export function structureSlices(pens, candles) {
  const { dead, alive, switches, anchor, levels } = structure(pens, candles);
  const snapshot = { algorithm: "fake", levels, pivots: [] };
  const visible_time = pens.at(-1)?.visible_time ?? 0;
  return [
    ["zhongshu", { history: { dead }, head: { alive: alive ? [alive] : [] } }],
    [
      "anchor",
      {
        history: { anchors: switches.map((one) => one.new_anchor), switches },
        head: { current_anchor_ref: anchor },
      },
    ],
    ["sr", { history: { snapshots: levels.length > 0 ? [{ visible_time, ...snapshot }] : [] }, head: snapshot }],
  ];
}

function structure(pens, candles) {
  const to = candles.at(-1)?.candle_time ?? 0;
  const zones = [];
  for (let at = 0; at + 3 < pens.length; at += 1) {
    const [entry, ...rest] = pens.slice(at, at + 4);
    const low = Math.max(...rest.map((pen) => Math.min(pen.start_price, pen.end_price)));
    const high = Math.min(...rest.map((pen) => Math.max(pen.start_price, pen.end_price)));
    if (low > high) continue;
    const leaving = pens.findIndex(
      (pen, later) =>
        later > at + 3 &&
        (Math.max(pen.start_price, pen.end_price) < low || Math.min(pen.start_price, pen.end_price) > high),
    );
    const killer = pens[leaving];
    zones.push({
      start_time: entry.start_time,
      end_time: killer ? killer.start_time : to,
      zg: high,
      zd: low,
      entry_direction: entry.direction,
      formed_time: rest[2].visible_time,
      formed_reason: "pen_confirmed",
      death_time: killer?.visible_time ?? null,
      visible_time: killer?.visible_time ?? to,
    });
    if (!killer) break;
    at = leaving - 1;
  }
  const switches = [];
  let strength = 0;
  let current = null;
  for (const pen of pens) {
    const moved = Math.abs(pen.end_price - pen.start_price);
    strength *= 0.93;
    if (moved <= strength) continue;
    const next = { kind: "confirmed", start_time: pen.start_time, end_time: pen.end_time, direction: pen.direction };
    switches.push({
      switch_time: pen.visible_time,
      reason: switches.length % 3 === 2 ? "zhongshu_entry" : "strong_pen",
      old_anchor: current,
      new_anchor: next,
      visible_time: pen.visible_time,
    });
    strength = moved;
    current = next;
  }
  return {
    dead: zones.filter((zone) => zone.death_time !== null),
    alive: zones.find((zone) => zone.death_time === null) ?? null,
    switches,
    anchor: current,
    levels: levelsOf(pens, candles),
  };
}

function levelsOf(pens, candles) {
  const close = candles.at(-1)?.close ?? 0;
  return pens
    .slice(-18)
    .map((pen, at) => {
      const side = pen.direction > 0 ? "resistance" : "support";
      const crossed = candles.findLast(
        (candle) => candle.candle_time > pen.end_time && (side === "resistance") === candle.close > pen.end_price,
      );
      return {
        price: pen.end_price,
        type: side,
        level_type: side,
        status: crossed ? "broken" : "active",
        first_time: pen.end_time,
        second_time: pen.visible_time,
        last_time: pen.visible_time,
        count: 2 + (at % 4),
        flip_dir: null,
        touch_times: [pen.end_time, pen.visible_time],
        band_low: pen.end_price * 0.999,
        band_high: pen.end_price * 1.001,
        death_time: crossed?.candle_time ?? null,
        death_price: crossed ? pen.end_price : null,
      };
    })
    .sort((a, b) => Math.abs(a.price - close) - Math.abs(b.price - close));
}
