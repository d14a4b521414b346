/** Paper orders of the replay, in English. */
export const paper = {
  "paper.error.noBar": "There is no closed bar yet.",
  "paper.error.size.missing": "Enter a size.",
  "paper.error.size.number": "The size is a number above zero.",
  "paper.error.size.small": "The size is smaller than 0.00000001.",
  "paper.error.size.large": "The account is too small for this without borrowing.",
  "paper.error.price.missing": "Enter a price.",
  "paper.error.price.number": "A price is a number above zero.",
  "paper.error.trigger.buy": "The trigger of a buy lies above the last close.",
  "paper.error.trigger.sell": "The trigger of a sell lies below the last close.",
  "paper.error.stop.number": "The stop is a number above zero, or empty.",
  "paper.error.stop.buy": "The stop of a long position lies below its price.",
  "paper.error.stop.sell": "The stop of a short position lies above its price.",
  "paper.error.target.number": "The target is a number above zero, or empty.",
  "paper.error.target.buy": "The target of a long position lies above its price.",
  "paper.error.target.sell": "The target of a short position lies below its price.",
} as const;
