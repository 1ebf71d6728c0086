export default function Incident({ id }: { id: string }) { return <div className="screen later">Incident {id} </div>; }
