/** Names under which people look for the large coins: English, Chinese, pinyin and its initials. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  BTC: ["bitcoin", "比特币", "bitebi", "btb"],
  ETH: ["ethereum", "以太坊", "以太币", "yitaifang", "ytf"],
  SOL: ["solana", "索拉纳", "suolana", "sln"],
  BNB: ["binance coin", "币安币", "bianbi", "bab"],
  XRP: ["ripple", "瑞波币", "ruibobi", "rbb"],
  DOGE: ["dogecoin", "狗狗币", "gougoubi", "ggb"],
  ADA: ["cardano", "艾达币", "aidabi", "adb"],
  LTC: ["litecoin", "莱特币", "laitebi", "ltb"],
  DOT: ["polkadot", "波卡", "boka", "bk"],
  TRX: ["tron", "波场", "bochang", "bc"],
  AVAX: ["avalanche", "雪崩", "xuebeng", "xb"],
  LINK: ["chainlink"],
  BCH: ["bitcoin cash", "比特现金", "bitexianjin", "btxj"],
};

/** Other names of a base asset, lower case; empty when none are known. */
export function aliasesOf(base: string): readonly string[] {
  return ALIASES[base] ?? [];
}
