/** The shape of a feature in small, as the chart draws it. Decorative: the name stands beside it. */
export function Swatch({ feature, hue }: { feature: string; hue: number }) {
  return (
    <svg
      width="20"
      height="14"
      viewBox="0 0 20 14"
      fill="none"
      aria-hidden="true"
      focusable="false"
      className="shrink-0"
    >
      <Shape feature={feature} hue={hue} />
    </svg>
  );
}

const LINE = "m2 11 6-8 5 6 5-7";

function Shape({ feature, hue }: { feature: string; hue: number }) {
  switch (feature) {
    case "pivot.major":
      return <Dots radius={3} opacity={1} />;
    case "pivot.minor":
      return <Dots radius={2} opacity={0.6} />;
    case "pen.confirmed":
      return <path d={LINE} stroke="var(--pen)" strokeWidth="2" strokeLinejoin="round" />;
    case "pen.extending":
      return <Head dash="4 3" />;
    case "pen.candidate":
      return <Head dash="1.5 3" />;
    default:
      return <path d={LINE} stroke={`var(--series-${(hue % 8) + 1})`} strokeWidth="2" strokeLinejoin="round" />;
  }
}

function Dots({ radius, opacity }: { radius: number; opacity: number }) {
  return (
    <g opacity={opacity}>
      <circle cx="6" cy="4" r={radius} fill="var(--pivot-high)" />
      <circle cx="14" cy="10" r={radius} fill="var(--pivot-low)" />
    </g>
  );
}

function Head({ dash }: { dash: string }) {
  return (
    <g stroke="var(--pen)" opacity="0.8">
      <path d="M2 12 14 4" strokeWidth="2" strokeDasharray={dash} />
      <circle cx="16.5" cy="3" r="2.2" strokeWidth="1.2" />
    </g>
  );
}
