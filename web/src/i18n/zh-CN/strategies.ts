interface StrategyWords {
  readonly label: string;
  readonly description: string;
  /** Label and description by parameter. */
  readonly params: Readonly<Record<string, readonly [string, string]>>;
}

/** Built-in strategies in Simplified Chinese, by the names of strategies and parameters. Loaded with the backtests alone. */
export const strategies: Readonly<Record<string, StrategyWords>> = {
  PenDirection: {
    label: "笔方向",
    description: "每当新的一笔确认，就顺着它的方向开仓；反方向的下一笔确认时平仓。",
    params: {
      min_length: ["最短的笔", "计入的笔至少要有的长度，占起点价格的比例。"],
      max_candles: ["最长的笔", "计入的笔最多包含的K线数；0 表示不限。"],
      fade: ["反向交易", "向上的笔做空，向下的笔做多。"],
    },
  },
  SrRejection: {
    label: "价位受阻",
    description: "K线跌入支撑又收在其上方时做多，冲入阻力又收在其下方时做空；价位失守或另一侧受阻时平仓。",
    params: {
      min_touches: ["触碰次数", "此前触碰过该价位的拐点的最少个数。"],
      min_wick: ["影线", "朝向价位的影线至少占整根K线的比例。"],
      margin: ["余量", "收盘价须离开价位带的距离，占边缘价格的比例。"],
    },
  },
  ZhongshuBreakout: {
    label: "中枢突破",
    description: "在存续的中枢每一侧之外首次收盘时，若锚指向该方向则开仓；价格回来时平仓。",
    params: {
      margin: ["余量", "收盘价须越过中枢边缘的距离，占边缘价格的比例。"],
      anchor_filter: ["顺着锚", "只计入与锚定的笔同方向的突破。"],
      exit_inside: ["失败即离场", "收盘回到中枢内即平仓；否则要收在另一侧边缘之外才平仓。"],
      min_height: ["最小中枢", "中枢至少要有的高度，占下边缘价格的比例。"],
    },
  },
};
