export default function Sites() { return <div className="screen later">Sites  </div>; }
