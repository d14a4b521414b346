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

const LEG = "M3 12 17 2";
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
    case "zhongshu.alive":
      return <Zone color="var(--zone-up)" />;
    case "zhongshu.dead":
      return <Zone color="var(--zone-up-dead)" ended />;
    case "anchor.current":
      return <path d={LEG} stroke="var(--anchor)" strokeWidth="3" strokeLinecap="round" />;
    case "anchor.history":
      return <path d={LEG} stroke="var(--anchor-history)" strokeWidth="2.5" strokeLinecap="round" />;
    case "anchor.switch":
      return <path d="M10 2 6 7h2.8v5h2.4V7H14L10 2Z" fill="var(--anchor)" />;
    case "sr.active":
      return <Levels />;
    case "sr.broken":
      return <Broken />;
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

function Zone({ color, ended = false }: { color: string; ended?: boolean }) {
  return (
    <g stroke={color} strokeWidth="1.5">
      <path d="M2 2.5h16v9H2Z" fill={color} fillOpacity={ended ? 0.12 : 0.2} stroke="none" />
      <path d={ended ? "M2 2.5h16v9H2Z" : "M18 2.5H2v9h16"} strokeOpacity={ended ? 0.7 : 1} />
    </g>
  );
}

function Levels() {
  return (
    <g strokeWidth="2">
      <path d="M2 4h16" stroke="var(--resistance)" />
      <path d="M2 10h16" stroke="var(--support)" />
    </g>
  );
}

function Broken() {
  return (
    <g stroke="var(--sr-broken)">
      <path d="M2 7h12" strokeDasharray="3 2.5" />
      <path d="m14 4.5 5 5m0-5-5 5" />
    </g>
  );
}
