import { useT } from "../../i18n/react";
import { Dialog } from "../../ui/overlays/Dialog";

export default function DescribeDialog({ sentences, onClose }: { sentences: readonly string[]; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t("summary.title")} onClose={onClose} testId="describe">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: reading it aloud starts here. */}
      <ul tabIndex={0} className="flex flex-col gap-1.5 p-4">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Dialog>
  );
}
