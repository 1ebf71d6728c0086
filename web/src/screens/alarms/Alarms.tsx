export default function Alarms() { return <div className="screen later">Alarms  </div>; }
