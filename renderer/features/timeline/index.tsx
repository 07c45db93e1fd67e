export function TimelineStrip() {
  return <footer className="timeline" />;
}
