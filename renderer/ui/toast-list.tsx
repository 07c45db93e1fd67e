import { useSyncExternalStore } from 'react';
import './toast-list.css';
import { IconButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { StateShape } from './state-shape.tsx';
import { dismissToast, toastStore } from './toasts.ts';

/** The corner where toasts appear; mounted once. */
export function ToastList() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get);
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast toast-${toast.tone}`} role={toast.error ? 'alert' : 'status'}>
          <StateShape tone={toast.tone} />
          <div className="toast-body">
            <p>{toast.text}</p>
            {toast.error && (
              <>
                <p className="muted">{toast.error.remedy}</p>
                <code>{toast.error.code}</code>
              </>
            )}
          </div>
          {toast.error && <CopyButton text={`${toast.error.code}: ${toast.text} ${toast.error.remedy}`} what="error" />}
          <IconButton icon="close" label="Dismiss" onClick={() => dismissToast(toast.id)} />
        </div>
      ))}
    </section>
  );
}
