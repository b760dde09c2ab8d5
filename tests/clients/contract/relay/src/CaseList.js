// What a Relay client does with the cases: a connection paged both ways, one case by its global id, an act that puts its
// answer into the store by id, and a subscription.
// Only relay-compiler reads this file: `story.mjs` runs what it makes of it.
import { graphql } from 'relay-runtime';

graphql`
  fragment CaseList_row on Case {
    id
    reference
    subject
    stage
    nextContactDue
    owner {
      id
      name
    }
    ...CaseList_history
  }
`;

// One case with what its partners do; here a partner's view of a case lies inside the case.
graphql`
  query CaseListCaseQuery($by: CaseRef!) {
    case(by: $by) {
      __typename
      id
      reference
      tasks {
        id
        title
        case {
          __typename
          reference
        }
      }
      ...CaseList_row
    }
  }
`;

// A list by a connection, refetched page by page. `first` has no default: Relay would send it beside `last` too, and the
// service takes one of them.
graphql`
  fragment CaseList_cases on Query
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    filter: { type: "CaseFilter" }
  )
  @refetchable(queryName: "CaseListPageQuery") {
    cases(first: $first, after: $after, last: $last, before: $before, filter: $filter)
      @connection(key: "CaseList_cases", filters: ["filter"]) {
      totalCount
      edges {
        node {
          ...CaseList_row
        }
      }
    }
  }
`;

graphql`
  query CaseListQuery($filter: CaseFilter) {
    ...CaseList_cases @arguments(filter: $filter, first: 20)
  }
`;

// One case, refetched by `node(id:)`: relay writes that query itself.
graphql`
  fragment CaseList_history on Case
  @argumentDefinitions(after: { type: "Int", defaultValue: 0 })
  @refetchable(queryName: "CaseListHistoryQuery") {
    version
    events(after: $after) {
      __typename
      seq
      at
      ... on OwnerChanged {
        from {
          name
        }
        to {
          name
        }
        reason
      }
    }
  }
`;

graphql`
  query CaseListNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ...CaseList_row
    }
  }
`;

graphql`
  mutation CaseListAcknowledgeMutation($input: AcknowledgeCaseInput!) {
    acknowledgeCase(input: $input) {
      case {
        ...CaseList_row
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

graphql`
  subscription CaseListWorkSubscription($after: String) {
    workEvents(after: $after, scope: SELLER) {
      cursor
      event {
        __typename
        seq
        case {
          ...CaseList_row
        }
      }
    }
  }
`;
