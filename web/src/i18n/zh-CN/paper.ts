import type { paper as english } from "../en/paper";

/** Paper orders of the replay, in Simplified Chinese. */
export const paper: Readonly<Record<keyof typeof english, string>> = {
  "paper.error.noBar": "还没有已收盘的K线。",
  "paper.error.size.missing": "请输入数量。",
  "paper.error.size.number": "数量须为大于零的数字。",
  "paper.error.size.small": "数量小于 0.00000001。",
  "paper.error.size.large": "不加杠杆时，账户资金不足。",
  "paper.error.price.missing": "请输入价格。",
  "paper.error.price.number": "价格须为大于零的数字。",
  "paper.error.trigger.buy": "买入触发价须高于最新收盘价。",
  "paper.error.trigger.sell": "卖出触发价须低于最新收盘价。",
  "paper.error.stop.number": "止损须为大于零的数字，或留空。",
  "paper.error.stop.buy": "多头止损须低于其价格。",
  "paper.error.stop.sell": "空头止损须高于其价格。",
  "paper.error.target.number": "止盈须为大于零的数字，或留空。",
  "paper.error.target.buy": "多头止盈须高于其价格。",
  "paper.error.target.sell": "空头止盈须低于其价格。",
};
