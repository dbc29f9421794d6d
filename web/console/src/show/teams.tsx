// Adaptive Cards as Teams would show them: the elements that workflows use. What is not known is named, never dropped.

type Node = Record<string, unknown>;

const SIZES: Record<string, string> = {
  small: "small",
  medium: "medium",
  large: "large",
  extralarge: "large",
};

function NodeView({ node }: { node: Node }) {
  const nodes = (name: string) => (node[name] as Node[] | undefined) ?? [];
  switch (node["type"]) {
    case "TextBlock": {
      const bold = String(node["weight"] ?? "").toLowerCase() === "bolder";
      const size = SIZES[String(node["size"] ?? "").toLowerCase()] ?? "";
      const subtle = node["isSubtle"] ? "subtle" : "";
      return (
        <p className={`teams-text ${bold ? "bold" : ""} ${size} ${subtle}`}>{String(node["text"] ?? "")}</p>
      );
    }
    case "FactSet":
      return (
        <dl className="teams-facts">
          {nodes("facts").map((fact, index) => (
            <div key={index}>
              <dt>{String(fact["title"])}</dt>
              <dd>{String(fact["value"])}</dd>
            </div>
          ))}
        </dl>
      );
    case "Container":
      return <NodeList nodes={nodes("items")} />;
    case "ColumnSet":
      return (
        <div className="teams-columns">
          {nodes("columns").map((column, index) => (
            <div key={index}>
              <NodeList nodes={(column["items"] as Node[] | undefined) ?? []} />
            </div>
          ))}
        </div>
      );
    case "ActionSet":
      return <Actions actions={nodes("actions")} />;
    case "Image":
      return <p className="teams-text subtle">[{String(node["altText"] ?? "image")}]</p>;
    default:
      return <p className="teams-text subtle">An element of the type “{String(node["type"])}”</p>;
  }
}

function NodeList({ nodes }: { nodes: Node[] }) {
  return (
    <>
      {nodes.map((node, index) => (
        <NodeView key={index} node={node} />
      ))}
    </>
  );
}

function Actions({ actions }: { actions: Node[] }) {
  return (
    <div className="teams-actions">
      {actions.map((action, index) => (
        <span key={index} title={action["url"] as string | undefined}>
          {String(action["title"] ?? action["type"])}
        </span>
      ))}
    </div>
  );
}

export function TeamsMessage({ content }: { content: Record<string, unknown> }) {
  const card = (content["card"] ?? {}) as Node;
  const actions = (card["actions"] as Node[] | undefined) ?? [];
  return (
    <div className="teams">
      <NodeList nodes={(card["body"] as Node[] | undefined) ?? []} />
      {actions.length > 0 ? <Actions actions={actions} /> : null}
    </div>
  );
}
