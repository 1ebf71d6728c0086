export default function Platform() { return <div className="screen later">Platform  </div>; }
