"""What the three dashboards are made of: one way to make each kind of panel, so that none lacks a unit, a description,
a link or its datasource."""
import re

from grafana_foundation_sdk.builders import common, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery, Dashboard, DashboardLink, DatasourceVariable, QueryVariable, ThresholdsConfig)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync, DashboardLinkType, DataSourceRef, DataTransformerConfig, DynamicConfigValue, Threshold,
    ThresholdsMode, ValueMap, ValueMappingResult, VariableOption, VariableRefresh, VariableSort)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
LIMIT = "limit"
CHOSEN = 'cluster=~"$cluster", namespace=~"$namespace", job=~"$job", instance=~"$instance"'  # by the variables at the top
MORE = {"n": 'node_id=~"$node"', "c": 'collection=~"$collection"'}
MOST = 20  # lines in a graph: of 1,000 nodes with 20 collections nobody can see more


def chosen(expression):
    """A PromQL expression in which each `{}` or `{+…}` is narrowed to what the variables choose: `{n}` also to nodes, `{c}` to
    collections, `{nc}` to both."""
    def narrowed(found):
        names, more = found.groups()
        return "{" + ", ".join([CHOSEN, *(MORE[name] for name in names)]) + (", " if more else "")
    return re.sub(r"\{(n?c?)(\+|(?=\}))", narrowed, expression)


def most(expression):
    """The highest of what there is."""
    return f"topk({MOST}, {expression})"


def own(expression):
    """An expression about what every target has (`up`, `process_…`), of those targets alone that are agents."""
    return f"{expression} and on (job, instance) last_over_time(evenkeel_build_info{{}}[$__range])"


def query(expression, legend, instant=False):
    made = Dataquery().expr(chosen(expression)).legend_format(legend).datasource(SOURCE)
    return made.instant().format(PromQueryFormat.TABLE) if instant else made.range()


def link(title, address):
    return DashboardLink(title).type(DashboardLinkType.LINK).url(address).target_blank(False)


def to(dashboard, title):
    """A link to one of the three, with its time and variables."""
    return link(title, f"/d/evenkeel-{dashboard}?${{__url_time_range}}&${{__all_variables}}")


# From a point of a graph to the page of the agent that it is from, and there to its node.
PAGE = {"title": "The agent's page", "url": "http://${__field.labels.instance}/", "targetBlank": True}
NODES_PAGE = {**PAGE, "url": PAGE["url"] + "#node=${__field.labels.node_id}"}


def finish(panel, title, description, unit, queries, width, height, more, none=None):
    """`none`: what stands there in place of Grafana's "No data", where a healthy cluster has none."""
    if none:
        panel.no_value(none)
    if unit == "short":
        panel.decimals(0)  # segments, nodes, moves: there is no half of one
    panel.title(title).description(description).datasource(SOURCE).unit(unit).span(width).height(height).links([more])
    for letter, each in zip("ABCDEFGH", queries):
        panel.with_target(each.ref_id(letter))
    return panel


def steps(*colours):
    """Thresholds of a colour each: steps("green", (1, "red"))."""
    first, *others = colours
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(
        [Threshold(value=None, color=first)] + [Threshold(value=at, color=colour) for at, colour in others])


def lines(title, description, unit, queries, more, width=12, height=8, stacked=False, least=0, marks=None, page=None,
          none=None):
    """`marks`: legends of queries that are limits, drawn dashed, each with its colour. `page`: where the first query's lines
    lead, PAGE or NODES_PAGE."""
    panel = timeseries.Panel()
    panel.legend(common.VizLegendOptions().show_legend(True).display_mode(looks.LegendDisplayMode.LIST)
                 .placement(looks.LegendPlacement.BOTTOM).calcs(["lastNotNull"]))
    panel.tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING))
    panel.line_width(1.5).fill_opacity(60 if stacked else 5).show_points(looks.VisibilityMode.NEVER)
    if least is not None:
        panel.min(least)
    if stacked:
        panel.stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A"))
    if unit == "short":
        panel.axis_soft_max(4)  # so that the axis has no mark twice
    if page:
        panel.override_by_query("A", [DynamicConfigValue(id_val="links", value=[page])])
    for mark, colour in (marks or {}).items():
        panel.override_by_name(mark, [
            DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour}),
            DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 6]}),
            DynamicConfigValue(id_val="custom.fillOpacity", value=0)])
    return finish(panel, title, description, unit, queries, width, height, more, none)


def bars(title, description, unit, queries, more, width=12, height=8, none=None):
    panel = lines(title, description, unit, queries, more, width, height, stacked=True, none=none)
    return panel.draw_style(looks.GraphDrawStyle.BARS).fill_opacity(80).line_width(0)


def figure(title, description, unit, queries, more, colours, width=4, height=4, limit=None, none="–",
           text=looks.BigValueTextMode.AUTO):
    """`limit`: what gives the figure above which it is red. `none`: what stands there without data. `text`: the figure, the
    legend, or both."""
    panel = stat.Panel().text_mode(text).thresholds(steps(*colours)).graph_mode(looks.BigValueGraphMode.AREA)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.color_mode(looks.BigValueColorMode.VALUE)
    if limit:
        panel.with_target(query(limit, LIMIT).ref_id(LIMIT))
        panel.with_transformation(DataTransformerConfig(id_val="configFromData", options={
            "configRefId": LIMIT,
            "mappings": [{"fieldName": LIMIT, "handlerKey": "threshold1", "reducerId": "lastNotNull",
                          "handlerArguments": {"threshold": {"color": "red"}}}]}))
    return finish(panel, title, description, unit, queries, width, height, more, none)


def states(title, description, queries, more, colours, width=12, height=8, words=(), none=None):
    """`words`: of the values 0, 1, 2 …, (what it means, its colour), in place of `colours`."""
    panel = statetimeline.Panel().thresholds(steps(*colours)).show_value(looks.VisibilityMode.NEVER).row_height(0.8)
    if words:
        panel.mappings([ValueMap(options={str(value): ValueMappingResult(text=text, color=colour, index=value)
                                          for value, (text, colour) in enumerate(words)})])
    return finish(panel, title, description, "short", queries, width, height, more, none)


def listing(title, description, unit, queries, more, width=12, height=8, none=None):
    panel = table.Panel().show_header(True)
    return finish(panel, title, description, unit, queries, width, height, more, none)


def variable(name, label, values, every):
    return (QueryVariable(name).label(label).datasource(SOURCE).query(values).multi(True).include_all(True).all_value(every)
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
            .current(VariableOption(selected=True, text="All", value="$__all")))


def variables(dashboard, nodes):
    """Datasource, cluster, namespace, job and instance; `nodes`: node and collection, too."""
    dashboard.with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
    narrowed = ""
    # Cluster and namespace may be missing, so all of them is everything.
    for name, label, every in (("cluster", "Cluster", ".*"), ("namespace", "Namespace", ".*"), ("job", "Job", ".+"),
                               ("instance", "Instance", ".+")):
        dashboard.with_variable(variable(name, label, f"label_values(evenkeel_build_info{{{narrowed}}}, {name})", every))
        narrowed += (", " if narrowed else "") + f'{name}=~"${name}"'
    if nodes:
        dashboard.with_variable(variable("node", "Node", chosen("label_values(evenkeel_node_up{}, node_id)"), ".+"))
        dashboard.with_variable(variable(
            "collection", "Collection", chosen("label_values(evenkeel_node_collection_segments{}, collection)"), ".+"))
    return dashboard


def annotate(dashboard, name, expression, colour, enabled):
    """A mark wherever the expression has a value."""
    made = AnnotationQuery().name(name).datasource(SOURCE).enable(enabled).hide(False).icon_color(colour)
    made.expr(chosen(expression))
    return dashboard.annotation(made)


def dashboard(name, title, description, nodes=False):
    made = (Dashboard(f"Evenkeel / {title}").uid(f"evenkeel-{name}").description(description).tags(["evenkeel", "milvus"])
            .readonly().refresh("30s").time("now-3h", "now").timezone("browser").tooltip(DashboardCursorSync.CROSSHAIR))
    variables(made, nodes)
    for other, its_title in (("cluster", "Cluster"), ("decisions", "Decisions"), ("agent", "Agent")):
        if other != name:
            made.link(DashboardLink(its_title).type(DashboardLinkType.LINK).url(f"/d/evenkeel-{other}")
                      .keep_time(True).include_vars(True))
    annotate(made, "Moves", "sum by (urgency) (increase(evenkeel_moves_started_total{}[$__rate_interval])) > 0", "blue", True)
    annotate(made, "Decisions", "sum by (outcome) (increase(evenkeel_decisions_total{}[$__rate_interval])) > 0", "purple", False)
    return made
