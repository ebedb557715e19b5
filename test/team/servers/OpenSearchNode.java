import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** A node of OpenSearch from its libraries: each argument is a setting, KEY=VALUE, or KEY[]=A,B. Ends with its input. */
public class OpenSearchNode extends Node {
  OpenSearchNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node"),
        new ArrayList<>(List.of(Netty4Plugin.class, CommonAnalysisPlugin.class)),
        true);
  }

  public static void main(String[] given) throws Exception {
    Settings.Builder settings = Settings.builder();
    for (String each : given) {
      int at = each.indexOf('=');
      String key = each.substring(0, at), value = each.substring(at + 1);
      if (key.endsWith("[]")) settings.putList(key.substring(0, key.length() - 2), value.split(","));
      else settings.put(key, value);
    }
    Node node = new OpenSearchNode(settings.build());
    node.start();
    System.in.read();
    node.close();
    System.exit(0);
  }
}
