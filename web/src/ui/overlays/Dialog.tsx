import { type ReactNode, useEffect, useId, useRef } from "react";
import { useT } from "../../i18n/react";
import { IconButton } from "../controls/Button";

/** What gets the focus: a field that asks for it, else the first control of the content. */
const FIRST = "[data-autofocus], [data-content] :is(input, button, select, a[href], [tabindex])";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Tailwind width class of the card. */
  width?: string;
  /** Overlays such as palette and symbol search bring their own head and stand at the top. */
  bare?: boolean;
  testId?: string;
}

/**
 * A modal layer on the browser's own dialog: it traps and returns the focus, and everything behind it is inert.
 */
export function Dialog({ title, onClose, children, width = "w-[560px]", bare = false, testId }: DialogProps) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    const first = dialog?.querySelector<HTMLElement>(FIRST) ?? dialog?.querySelector<HTMLElement>("[data-content]");
    first?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser handles that.
    <dialog
      ref={ref}
      aria-labelledby={heading}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={`layer fixed inset-x-0 mx-auto max-w-[calc(100vw-16px)] overflow-hidden rounded-card border border-line bg-bg-1 shadow-float ${width} ${bare ? "top-[max(8px,10vh)]" : "top-[max(8px,8vh)]"}`}
    >
      {bare ? (
        <>
          <h2 id={heading} className="sr-only">
            {title}
          </h2>
          {children}
        </>
      ) : (
        <div className="flex max-h-[min(84vh,760px)] flex-col">
          <header className="flex items-center justify-between gap-3 border-b border-line bg-bg-2 py-1.5 pr-2 pl-4">
            <h2 id={heading} className="text-15 font-semibold">
              {title}
            </h2>
            <IconButton icon="close" label={t("common.close")} keys="Escape" onClick={onClose} />
          </header>
          <div data-content tabIndex={-1} className="min-h-0 overflow-y-auto outline-none">
            {children}
          </div>
        </div>
      )}
    </dialog>
  );
}
