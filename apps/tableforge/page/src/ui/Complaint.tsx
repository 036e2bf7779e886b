/** Why something did not work, announced to screen readers too. */
export function Complaint({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p className="complaint" role="alert">
      {text}
    </p>
  )
}
