import {
  type ASTVisitor,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import type { IResolvers } from 'mercurius';

/** What a field costs that another service is asked for, in fields that were there already. */
const CALL = 10;
/** What is asked of a list is asked of each of its entries; how many there are is known only afterwards. */
const ENTRIES = 10;

/**
 * A validation rule: refuses an operation that costs more than `most`, before any of it is carried out. Depth alone does not
 * bound a query, as the same field may be asked for under any number of names (`a: orders b: orders`), and what is in a list is
 * asked for once for each of its entries. `resolvers` tells the fields for which another service is asked.
 */
export function limitCost(resolvers: IResolvers, most: number) {
  return (context: ValidationContext): ASTVisitor => {
    const costs = new Costs(context, resolvers);
    return {
      OperationDefinition(operation) {
        const root = context.getSchema().getRootType(operation.operation);
        const cost = costs.of(operation.selectionSet, root);
        if (cost <= most) return;
        const message = `This query would cost ${cost}, and ${most} is the most: ask for less, or in several queries.`;
        context.reportError(new GraphQLError(message, { nodes: operation }));
      },
    };
  };
}

type Parent = GraphQLNamedType | null | undefined;

class Costs {
  readonly #context: ValidationContext;
  readonly #resolvers: Readonly<Record<string, object>>;
  /** By name, each once: a fragment of fragments may mean more fields than can be counted one by one. */
  readonly #fragments = new Map<string, number>();

  constructor(context: ValidationContext, resolvers: IResolvers) {
    this.#context = context;
    this.#resolvers = resolvers as Readonly<Record<string, object>>;
  }

  of({ selections }: SelectionSetNode, parent: Parent): number {
    return selections.reduce((sum, selection) => sum + this.#ofSelection(selection, parent), 0);
  }

  #ofSelection(selection: SelectionNode, parent: Parent): number {
    if (selection.kind === Kind.FIELD) return this.#ofField(selection.name.value, selection.selectionSet, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#ofFragment(selection.name.value);
    return this.of(selection.selectionSet, this.#typeOf(selection.typeCondition?.name.value) ?? parent);
  }

  #ofField(name: string, inside: SelectionSetNode | undefined, parent: Parent): number {
    const field = fieldsOf(parent)[name];
    const own = parent && Object.hasOwn(this.#resolvers[parent.name] ?? {}, name) ? CALL : 1;
    if (inside === undefined) return own;
    // `[Product!]!`. What the schema does not know is refused by another rule.
    const type = String(field?.type ?? '');
    const each = this.of(inside, this.#typeOf(/\w+/.exec(type)?.[0]));
    return own + each * (type.startsWith('[') ? ENTRIES : 1);
  }

  #ofFragment(name: string): number {
    const known = this.#fragments.get(name);
    if (known !== undefined) return known;
    // One that contains itself costs nothing the second time; another rule refuses it.
    this.#fragments.set(name, 0);
    const fragment = this.#context.getFragment(name);
    const cost = fragment ? this.of(fragment.selectionSet, this.#typeOf(fragment.typeCondition.name.value)) : 0;
    this.#fragments.set(name, cost);
    return cost;
  }

  #typeOf(name: string | undefined): Parent {
    return name === undefined ? undefined : this.#context.getSchema().getType(name);
  }
}

function fieldsOf(type: Parent): Readonly<Record<string, GraphQLField<unknown, unknown>>> {
  return type && 'getFields' in type ? (type.getFields() as Record<string, GraphQLField<unknown, unknown>>) : {};
}
