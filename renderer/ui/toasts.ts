import { type ErrorView, toErrorView } from '../../main/contract/index.ts';

export interface ToastView {
  readonly id: number;
  readonly tone: 'ok' | 'error';
  readonly text: string;
  /** Set for errors. */
  readonly error: ErrorView | null;
}

const SHOWN_MS = { ok: 4000, error: 12_000 } as const;
const KEPT = 4;

let toasts: readonly ToastView[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly ToastView[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function add(toast: Omit<ToastView, 'id'>): void {
  const repeated = toasts.filter((one) => one.text !== toast.text);
  const id = nextId++;
  set([...repeated, { ...toast, id }].slice(-KEPT));
  setTimeout(() => dismissToast(id), SHOWN_MS[toast.tone]);
}

/** Says that something was done. */
export function toastDone(text: string): void {
  add({ tone: 'ok', text, error: null });
}

/** Says what went wrong: any thrown value, shown with its code and remedy. */
export function toastError(thrown: unknown): void {
  const error = toErrorView(thrown);
  add({ tone: 'error', text: error.message, error });
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export const toastStore = {
  get: (): readonly ToastView[] => toasts,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
