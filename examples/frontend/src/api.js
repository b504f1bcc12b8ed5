// Without VITE_API_URL, requests go to the page's own origin, where Vite's proxy passes them on.
const API_URL = import.meta.env?.VITE_API_URL ?? "";

export async function assign(partner, person, url = API_URL) {
  const response = await fetch(`${url}/v2/partners/${partner}/internal-contacts`, {
    method: "POST",
    headers: { Authorization: "Bearer acme-token", "Content-Type": "application/json" },
    body: JSON.stringify(person),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}
