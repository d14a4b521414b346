import { Component, type ReactNode } from "react";

interface Props {
  children: ReactNode;
  /** What stands in place of the panel after a render error. */
  fallback: (error: Error, again: () => void) => ReactNode;
}

/** Keeps a render error inside one panel; the chart and the others go on. */
export class PanelBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? this.props.fallback(error, () => this.setState({ error: null })) : this.props.children;
  }
}
