export default function Topology() { return <div className="screen later">Topology  </div>; }
